"""The Microsoft clouds and their addresses (Microsoft Graph documentation, "National cloud deployments")."""

from __future__ import annotations

from dataclasses import dataclass

from users.choices import Cloud


@dataclass(frozen=True, slots=True)
class CloudAddresses:
    """Where a cloud signs people in (`authority`), serves Graph, and is administered (`portal`).

    `exchange` is its name for ``Connect-ExchangeOnline -ExchangeEnvironmentName``.
    """

    authority: str
    graph: str
    portal: str
    exchange: str = "O365Default"


CLOUDS: dict[str, CloudAddresses] = {
    Cloud.GLOBAL: CloudAddresses(
        "https://login.microsoftonline.com", "https://graph.microsoft.com", "https://entra.microsoft.com"
    ),
    Cloud.US_GOV_L4: CloudAddresses(
        "https://login.microsoftonline.us",
        "https://graph.microsoft.us",
        "https://entra.microsoft.us",
        "O365USGovGCCHigh",
    ),
    Cloud.US_GOV_L5: CloudAddresses(
        "https://login.microsoftonline.us",
        "https://dod-graph.microsoft.us",
        "https://entra.microsoft.us",
        "O365USGovDoD",
    ),
    Cloud.CHINA: CloudAddresses(
        "https://login.partner.microsoftonline.cn",
        "https://microsoftgraph.chinacloudapi.cn",
        "https://entra.microsoftonline.cn",
        "O365China",
    ),
}
