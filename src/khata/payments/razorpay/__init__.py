"""Our own client of Razorpay: asynchronous, with limits of time, and careful with lost answers."""

from khata.payments.razorpay.gateway import RAZORPAY_URL, RazorpayGateway, RazorpayOptions

__all__ = ["RAZORPAY_URL", "RazorpayGateway", "RazorpayOptions"]
