"""Our own client of Razorpay: asynchronous, with limits of time, and careful with lost answers."""
