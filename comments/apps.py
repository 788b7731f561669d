from django.apps import AppConfig


class CommentsConfig(AppConfig):
    """The thread under a statement, who writes there, and who looks after it."""

    name = "comments"

    def ready(self) -> None:
        """Tell the floors below what comments have to say there; a kept page changes when its thread closes by date."""
        from comments import disclosures, switches, threads  # noqa: F401, PLC0415 - models must be loaded first
        from petitions.statements import finding  # noqa: PLC0415 - the same

        finding.changes_with(threads.STAMP)
