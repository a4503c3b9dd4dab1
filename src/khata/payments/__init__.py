"""Payment gateways: one protocol, Razorpay's wire format, Stripe, and a simulator of our own."""
