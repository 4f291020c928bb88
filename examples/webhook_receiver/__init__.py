"""A receiver of Concord's webhooks, as a partner would run one."""
