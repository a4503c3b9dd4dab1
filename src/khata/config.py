"""Settings: from the environment (`KHATA_…`), a TOML file, and the command line, in that order.

Each setting has the same name everywhere: `port` in TOML, `KHATA_PORT` in the environment, `--port`
where a command takes it. What the command line says goes over the environment, and that over the
file. A value that will not do is named with what would.
"""

import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from typing_extensions import override

from khata.domain.packs import FeeRecognition, Pack
from khata.domain.risk_policy import ChosenRules

PREFIX = "KHATA_"

Port = Annotated[int, Meta(ge=0, le=65_535)]
OwnerKey = Annotated[str, Meta(pattern="^khk_[A-Za-z0-9_]{32,128}$")]
EmailAddress = Annotated[str, Meta(max_length=254, pattern=r"^[^\s@]+@[^\s@]+$")]
PublicUrl = Annotated[str, Meta(max_length=200, pattern=r"^https?://[^/\s@?#]+$")]
OidcName = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^\S.*$")]
IssuerUrl = Annotated[
    str,
    Meta(
        max_length=500,
        pattern=r"^(https://[^\s?#@]+|http://(localhost|127\.0\.0\.1)(:[0-9]+)?[^\s?#@]*)$",
    ),
]
SealingKeys = Annotated[str, Meta(pattern="^[0-9a-f]{64}(,[0-9a-f]{64})*$")]
Operations = Annotated[int, Meta(ge=0, le=10**12)]
StateCode = Annotated[str, Meta(pattern="^[0-9]{2}$")]
Paise = Annotated[int, Meta(ge=1, le=10**12)]
BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]
Streams = Annotated[int, Meta(ge=1, le=1_000_000, description="live streams, 1 to 1000000")]


# Never repeated in a message.
SECRET = frozenset(
    {
        *("owner_key", "database_url", "sealing_key", "smtp_url", "oidc_client_secret"),
        *("razorpay_key_secret", "razorpay_webhook_secret"),
        *("stripe_secret_key", "stripe_webhook_secret"),
    }
)


class Networks(tuple[IPv4Network | IPv6Network, ...]):
    """Networks of addresses, as a setting names them: separated by commas."""

    __slots__ = ()

    @classmethod
    def named(cls, text: str) -> "Networks":
        """The networks of a text. Raises `ValueError` for what is none, or is all there are."""
        networks = cls(ip_network(name.strip()) for name in text.split(","))
        if any(network.prefixlen == 0 for network in networks):
            raise ValueError("every address would be in it")
        return networks


class Ports(frozenset[int]):
    """Ports, as a setting names them: separated by commas."""

    __slots__ = ()

    @classmethod
    def named(cls, text: str) -> "Ports":
        """The ports of a text. Raises `ValueError` for what is none."""
        ports = cls(int(name) for name in text.split(","))
        if not all(0 < port <= 65_535 for port in ports):
            raise ValueError("a port is from 1 to 65535")
        return ports

    @override
    def __repr__(self) -> str:
        return ",".join(map(str, sorted(self)))


class PackOffered(Struct, frozen=True, forbid_unknown_fields=True):
    """A pack as settings name it: its price is before tax and fee."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Annotated[str, Meta(min_length=1, max_length=64)]
    price_paise: Paise
    bonus_credits: Annotated[int, Meta(ge=0, le=10**12)] = 0


class Packs(tuple[Pack, ...]):
    """The packs on offer: tables in the settings file, a list in JSON in the environment."""

    __slots__ = ()

    @classmethod
    def offered(cls, value: object) -> "Packs":
        """The packs of a setting. Raises `ValueError` for what is none."""
        try:
            tables = msgspec.json.decode(value) if isinstance(value, str) else value
        except msgspec.DecodeError as error:
            raise ValueError(str(error)) from error
        packs = msgspec.convert(tables, list[PackOffered])
        return cls(Pack(p.id, p.name, p.price_paise, p.bonus_credits) for p in packs)


class SettingError(Exception):
    """A setting that will not do; the message names it and says what would."""


class Settings(Struct, frozen=True, kw_only=True):
    """How Khata runs here. Each field's description completes the sentence "it must be …"."""

    data: Annotated[Path, Meta(description="a folder")] = Path("khata-data")
    database_url: Annotated[
        str | None,
        Meta(description="a PostgreSQL URL, as postgresql://user:password@host:5432/database"),
    ] = None
    host: Annotated[str, Meta(min_length=1, description="an address to listen on")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="a port, 1 to 65535, or 0 for any free one")] = 8484
    trusted_proxies: Annotated[
        Networks | None,
        Meta(
            description="the networks of your own proxies, as 10.0.0.0/8,fd00::/8; never * or a"
            " /0, for then anybody could claim any address"
        ),
    ] = None
    public_url: Annotated[
        PublicUrl | None,
        Meta(
            description="where people reach Khata, as https://khata.example.com; links in letters"
            " need it"
        ),
    ] = None
    processes: Annotated[int, Meta(ge=1, le=64, description="a number from 1 to 64")] = 1
    worker: Annotated[bool, Meta(description="true or false")] = True
    owner_key: Annotated[
        OwnerKey | None, Meta(description="khk_ and then 32 to 128 of A-Z a-z 0-9 _")
    ] = None
    owner_email: Annotated[EmailAddress, Meta(description="an e-mail address")] = "owner@localhost"
    oidc_issuer: Annotated[
        IssuerUrl | None,
        Meta(description="the issuer of a provider of identities, as https://id.example.com"),
    ] = None
    oidc_client_id: Annotated[str | None, Meta(description="who we are at the provider")] = None
    oidc_client_secret: Annotated[str | None, Meta(description="our secret there")] = None
    oidc_name: Annotated[
        OidcName | None,
        Meta(description="what people call it, as Google; if nothing is said, the issuer's host"),
    ] = None
    cap_ai: Annotated[Operations, Meta(description="operations a day, 0 or more")] = 200
    cap_webhooks: Annotated[Operations, Meta(description="operations a day, 0 or more")] = 10_000
    cap_emails: Annotated[Operations, Meta(description="operations a day, 0 or more")] = 5_000
    postgres_binaries: Annotated[
        Path | None, Meta(description="the folder with PostgreSQL's programs")
    ] = None
    postgres_user: Annotated[str | None, Meta(description="a user of this machine")] = None
    postgres_port: Annotated[
        Annotated[int, Meta(ge=1, le=65_535)] | None,
        Meta(description="a port, 1 to 65535"),
    ] = None
    geoip_mmdb: Annotated[
        Path | None, Meta(description="a .mmdb file that knows the countries of addresses")
    ] = None
    hosting_networks: Annotated[
        Path | None, Meta(description="a list of the networks of hosters and VPNs, one a line")
    ] = None
    disposable_domains: Annotated[
        Path | None, Meta(description="a list of domains of disposable e-mail, one a line")
    ] = None
    sealing_key: Annotated[
        SealingKeys | None,
        Meta(description="64 hexadecimal digits; older keys may follow, after a comma each"),
    ] = None
    gateway: Annotated[
        Literal["simulator", "razorpay", "stripe"],
        Meta(description="the gateway of new orders: simulator, razorpay or stripe"),
    ] = "simulator"
    simulator: Annotated[bool | None, Meta(description="true or false")] = None
    simulator_rbi_delay: Annotated[bool, Meta(description="true or false")] = False
    razorpay_key_id: Annotated[str | None, Meta(description="the id of an API key")] = None
    razorpay_key_secret: Annotated[str | None, Meta(description="its secret")] = None
    razorpay_webhook_secret: Annotated[
        str | None, Meta(description="the webhook's secret; the former one may follow a comma")
    ] = None
    razorpay_url: Annotated[str | None, Meta(description="the base URL of the API")] = None
    stripe_secret_key: Annotated[str | None, Meta(description="a secret API key")] = None
    stripe_publishable_key: Annotated[
        str | None, Meta(description="the publishable API key, for the payer's browser")
    ] = None
    stripe_webhook_secret: Annotated[
        str | None, Meta(description="the endpoint's secret; the former one may follow a comma")
    ] = None
    stripe_url: Annotated[str | None, Meta(description="the base URL of the API")] = None
    seller_legal_name: Annotated[str | None, Meta(description="the name as registered")] = None
    seller_trade_name: Annotated[str | None, Meta(description="the name in trade")] = None
    seller_address: Annotated[
        str | None, Meta(description="the registered address, its lines parted by |")
    ] = None
    seller_state: Annotated[
        StateCode | None, Meta(description="a State's code of two digits, as 29")
    ] = None
    seller_gstin: Annotated[str | None, Meta(description="the seller's GSTIN")] = None
    seller_pan: Annotated[str | None, Meta(description="the seller's PAN")] = None
    seller_email: Annotated[str | None, Meta(description="an e-mail address")] = None
    seller_phone: Annotated[str | None, Meta(description="a telephone number")] = None
    seller_website: Annotated[str | None, Meta(description="a web address")] = None
    seller_cin: Annotated[str | None, Meta(description="the company's CIN")] = None
    seller_sac: Annotated[
        str | None,
        Meta(description="the service's code, six digits that begin with 99, as 998315"),
    ] = None
    seller_lut_arn: Annotated[
        str | None, Meta(description="the ARN of the letter of undertaking for exports")
    ] = None
    seller_terms: Annotated[
        str | None, Meta(description="what stands at the foot of documents, its lines parted by |")
    ] = None
    packs: Annotated[
        Packs | None,
        Meta(
            description="the packs on offer, each with id, name, price_paise and bonus_credits:"
            " [[packs]] tables in the file, a list in JSON in the variable"
        ),
    ] = None
    topup_minimum_paise: Annotated[Paise, Meta(description="paise before tax, 1 or more")] = 15_000
    topup_maximum_paise: Annotated[Paise, Meta(description="paise before tax, 1 or more")] = 10**9
    gst_bps: Annotated[BasisPoints, Meta(description="the rate in basis points, as 1800")] = 1_800
    fee_bps: Annotated[
        BasisPoints, Meta(description="the platform fee with its tax, in basis points")
    ] = 240
    fee_recognition: Annotated[
        FeeRecognition,
        Meta(description="when the fee is earned: deferred (with the credits) or immediate"),
    ] = "deferred"
    round_to_rupee: Annotated[bool, Meta(description="true or false")] = True
    credits_valid_days: Annotated[
        Annotated[int, Meta(ge=1, le=36_500)] | None,
        Meta(description="after how many days bought credits expire; never if not set"),
    ] = None
    risk_block_at: Annotated[int, Meta(ge=1, le=101, description="a score, 1 to 101")] = 50
    risk_rules: Annotated[
        ChosenRules | None,
        Meta(
            description="rules with counting, shadow or off, and weights if wanted, as"
            " R5=counting,R8=off,R10=counting:30/60"
        ),
    ] = None
    risk_review_at: Annotated[int, Meta(ge=1, le=101, description="a score, 1 to 101")] = 50
    payouts_enabled: Annotated[bool, Meta(description="true or false")] = False
    smtp_url: Annotated[
        str | None,
        Meta(
            description="where e-mail is handed over, as smtp://user:password@host:587 (STARTTLS is"
            " demanded) or smtps://user:password@host:465; without it none is sent"
        ),
    ] = None
    smtp_from: Annotated[
        str | None,
        Meta(description="whom e-mail is from, as Khata <billing@example.com>"),
    ] = None
    smtp_ca_file: Annotated[
        Path | None,
        Meta(description="a file of certificates that the SMTP server's is signed by"),
    ] = None
    webhooks_ports: Annotated[
        Ports, Meta(description="the ports that webhooks may be sent to, as 443,8443")
    ] = Ports({443})
    webhooks_allow_private: Annotated[
        bool,
        Meta(
            description="true or false; true is for development: it lets webhooks go to http and"
            " to addresses of your own networks"
        ),
    ] = False
    lanes: Annotated[int, Meta(ge=1, le=64, description="a number from 1 to 64")] = 1
    max_batch: Annotated[int, Meta(ge=1, le=10_000, description="a number from 1 to 10000")] = 256
    readers: Annotated[int, Meta(ge=1, le=1_000, description="a number from 1 to 1000")] = 8
    live_streams: Streams = 5_000
    live_streams_of_organization: Streams = 1_000
    live_streams_of_caller: Streams = 100
    live_queue_kib: Annotated[int, Meta(ge=1, le=65_536, description="KiB, 1 to 65536")] = 256
    sweep_seconds: Annotated[
        float, Meta(gt=0, le=86_400, description="seconds above 0, up to 86400")
    ] = 1.0
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="debug, info, warning or error"),
    ] = "info"
    log_format: Annotated[Literal["text", "json"], Meta(description="text or json")] = "text"

    @property
    def has_simulator(self) -> bool:
        """Whether play money buys credits: beside a real gateway only where it was asked for."""
        return self.gateway == "simulator" if self.simulator is None else self.simulator

    @property
    def caps(self) -> dict[str, int]:
        """The operator's daily caps, in operations."""
        return {"AI": self.cap_ai, "WEBHOOKS": self.cap_webhooks, "EMAILS": self.cap_emails}


FIELDS = {field.name: field for field in msgspec.structs.fields(Settings)}


def load_settings(
    environment: Mapping[str, str],
    file: Path | None = None,
    given: Mapping[str, object] | None = None,
) -> Settings:
    """The settings of all sources; `given` is from the command line. Raises `SettingError`."""
    chosen: dict[str, object] = _from_file(file) if file else {}
    chosen |= _from_environment(environment)
    chosen |= {name: value for name, value in (given or {}).items() if value is not None}
    return Settings(**chosen)  # pyright: ignore[reportArgumentType] - each was converted


def unknown_variables(environment: Mapping[str, str], known: frozenset[str]) -> dict[str, str]:
    """Variables that look like ours and mean nothing, each with the nearest name there is."""
    names = {variable_of(name) for name in FIELDS} | known
    strange = (name for name in environment if name.startswith(PREFIX) and name not in names)
    return {name: _nearest(name, names) for name in sorted(strange)}


def variable_of(name: str) -> str:
    """The variable of a setting."""
    return PREFIX + name.upper()


def description_of(name: str) -> str:
    """What a setting must be."""
    return _meta_of(name).description or ""


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    """An empty variable counts as none."""
    found = {name: environment.get(variable_of(name)) for name in FIELDS}
    return {
        name: _converted(name, text, f"{variable_of(name)}={_shown(name, text)}")
        for name, text in found.items()
        if text
    }


def _from_file(file: Path) -> dict[str, object]:
    try:
        content = tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"The settings file {file} can't be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"The settings file {file} is no TOML: {error}") from error
    for name in content:
        if name not in FIELDS:
            hint = _nearest(name, set(FIELDS))
            raise SettingError(f"{file}: there is no setting {name!r}.{hint}")
    return {
        name: _converted(name, value, f"{file}: {name} = {_shown(name, repr(value))}")
        for name, value in content.items()
    }


def _converted(name: str, value: object, said: str) -> object:
    try:
        return msgspec.convert(value, FIELDS[name].type, strict=False, dec_hook=_made)
    except msgspec.ValidationError as error:
        raise SettingError(f"{said} will not do: it must be {description_of(name)}.") from error


def _shown(name: str, text: str) -> str:
    return "…" if name in SECRET else text


def _made(wanted: type, value: object) -> object:
    if wanted is Packs:
        return Packs.offered(value)
    if isinstance(value, str):
        return _MADE_OF_TEXT[wanted](value)
    raise msgspec.ValidationError(f"Expected `{wanted.__name__}`")


_MADE_OF_TEXT: Mapping[type, Callable[[str], object]] = {
    Path: lambda text: Path(text).expanduser(),
    Networks: Networks.named,
    Ports: Ports.named,
    ChosenRules: ChosenRules.named,
}


def _meta_of(name: str) -> Meta:
    metas = [one for one in getattr(FIELDS[name].type, "__metadata__", ()) if isinstance(one, Meta)]
    return metas[-1]


def _nearest(name: str, names: set[str]) -> str:
    near = get_close_matches(name, names, 1)
    return f" Did you mean {near[0]}?" if near else ""
