"""All that runs: sources, engine, core, nights, and the synthetic operator. The only package that imports dagster."""
