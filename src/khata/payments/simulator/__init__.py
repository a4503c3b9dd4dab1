"""A payment gateway of its own that speaks Razorpay's wire protocol, behind a socket of its own.

It plays the company, its banks and its customers. Khata talks to it as it talks to the real one
and shares nothing with it: no code, no database.
"""

from khata.payments.simulator.clock import Clock, RealClock, VirtualClock
from khata.payments.simulator.serving import RunningSimulator, start_simulator
from khata.payments.simulator.settings import SimulatorSettings
from khata.payments.simulator.simulator import Simulator

__all__ = [
    "Clock",
    "RealClock",
    "RunningSimulator",
    "Simulator",
    "SimulatorSettings",
    "VirtualClock",
    "start_simulator",
]
