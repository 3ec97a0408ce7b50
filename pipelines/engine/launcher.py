"""A run launcher that knows when a run's process is gone, so that a crashed night does not block the queue for ever."""

from dagster import DagsterRun
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value
from grpc import Call, StatusCode


class HealthCheckedRunLauncher(DefaultRunLauncher):
    """Asks the code server that started a run whether the run's process still lives.

    Dagster's default launcher has no health check: a run whose machine or process tree died stays STARTED, and with
    one run at a time nothing starts after it. The code server of a crashed tree is gone as well, so silence means
    death; run monitoring then fails the run, and run retries start it again.
    """

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        if GRPC_INFO_TAG not in run.tags:
            return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "no code server started it")
        client = self._get_grpc_client_for_termination(run.run_id)
        if client is None:
            return CheckRunHealthResult(WorkerStatus.SUCCESS, "it has ended in the meantime")
        try:
            answer = client.can_cancel_execution(CanCancelExecutionRequest(run_id=run.run_id), timeout=10)
        except DagsterUserCodeUnreachableError as error:
            if isinstance(error.__cause__, Call) and error.__cause__.code() == StatusCode.DEADLINE_EXCEEDED:
                return CheckRunHealthResult(WorkerStatus.RUNNING, "its code server is slow to answer")
            return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its code server is gone")
        if deserialize_value(answer, CanCancelExecutionResult).can_cancel:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its process is gone")
