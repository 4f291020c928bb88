"""The alliance of United and ExpressJet in 2013, played through the HTTP API on their real figures."""
