"""Microsoft Entra ID: clouds, flows and certificates of the app registration."""
