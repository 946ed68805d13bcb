"""What a holder can do here: one file a service. Adding one takes one file (docs/adding-a-service.md)."""
