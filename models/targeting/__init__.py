"""Who is offered what: audiences as declarations, contact policy, frozen lists with controls, next best offers."""
