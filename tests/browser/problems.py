"""What a page must never cause, watched while a test uses it."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Response

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
    const place = `${event.sourceFile || event.documentURI}:${event.lineNumber}`;
    window.reportViolation(`${event.effectiveDirective} blocked ${event.blockedURI} at ${place} ${event.sample}`);
});
"""
# Chromium's own line for an answer of 400 and above, which is judged by its kind below.
NOT_LOADED = "Failed to load resource"
PARTS_OF_PAGES = {"stylesheet", "script", "image", "font", "manifest"}


class Problems(list[str]):
    """Policy violations, script errors and missing files in the pages of a context, in plain words."""

    def watch(self, context: BrowserContext) -> None:
        context.expose_function("reportViolation", self._add_violation)
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._add_console_error)
        context.on("weberror", lambda error: self._add_script_error(error.error))
        context.on("response", self._add_missing_file)

    def settle(self, page: Page) -> None:
        """Wait until the page has delivered the events of what already happened in it."""
        page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 0))")

    def _add_violation(self, text: str) -> None:
        self.append(f"Content-Security-Policy: {text}")

    def _add_console_error(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(NOT_LOADED):
            self.append(f"Console: {message.text}")

    def _add_script_error(self, error: Error) -> None:
        self.append(f"Script error: {error}")

    def _add_missing_file(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type in PARTS_OF_PAGES:
            self.append(f"Not loaded: {response.url} gave {response.status}")
