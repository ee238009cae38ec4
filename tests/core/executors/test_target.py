import pytest

from core.errors import BadInputError
from core.executors.target import Target, parse_hosts, parse_target

REFUSED = {
    "no scheme": "deploy.example.com/hook",
    "http": "http://deploy.example.com/hook",
    "another scheme": "ftp://deploy.example.com/",
    "a file": "file:///etc/passwd",
    "the scheme in capitals": "HTTPS://deploy.example.com/",
    "one slash": "https:/deploy.example.com/",
    "no host": "https:///hook",
    "user name": "https://deploy.example.com@169.254.169.254/",
    "user and password": "https://a:b@deploy.example.com/",
    "user name in percents": "https://deploy.example.com%40169.254.169.254/",
    "backslash": "https://deploy.example.com\\@169.254.169.254/",
    "fragment": "https://169.254.169.254#@deploy.example.com/",
    "space": "https://deploy.example.com /",
    "new line": "https://deploy.example.com/\r\nHost: inside",
    "nothing before it": " https://deploy.example.com/",
    "tab": "https://deploy\t.example.com/",
    "zero byte": "https://deploy.example.com\x00.inside/",
    "trailing dot": "https://deploy.example.com./hook",
    "trailing dot of an address": "https://127.0.0.1./hook",
    "other script": "https://dеploy.example.com/",
    "full-width digits": "https://１２７.0.0.1/",
    "circled digits": "https://①②⑦.0.0.1/",
    "full stop of another script": "https://127。0。0。1/",
    "decimal address": "https://2130706433/",
    "hexadecimal address": "https://0x7f000001/",
    "hexadecimal part": "https://0x7f.0.0.1/",
    "short hexadecimal": "https://0x7f1/",
    "short address": "https://127.1/",
    "octal address": "https://0177.0.0.1/",
    "leading zeros": "https://127.000.000.001/",
    "five parts": "https://127.0.0.1.1/",
    "part over 255": "https://127.0.0.256/",
    "IPv6 without brackets": "https://::1/",
    "IPv6 in another spelling": "https://[0:0:0:0:0:0:0:1]/",
    "IPv6 with a scope": "https://[fe80::1%eth0]/",
    "IPv4 in brackets": "https://[127.0.0.1]/",
    "name in brackets": "https://[deploy.example.com]/",
    "half a bracket": "https://[::1/",
    "port 0": "https://deploy.example.com:0/",
    "port too large": "https://deploy.example.com:65536/",
    "port in letters": "https://deploy.example.com:https/",
    "empty port": "https://deploy.example.com:/",
    "signed port": "https://deploy.example.com:+443/",
    "underscore": "https://deploy_1.example.com/",
    "hyphen first": "https://-deploy.example.com/",
    "empty label": "https://deploy..example.com/",
    "label too long": f"https://{'a' * 64}.example.com/",
    "name too long": f"https://{'a.' * 130}com/",
    "too long": f"https://deploy.example.com/{'a' * 2_000}",
}


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED)
def test_what_two_parsers_could_read_differently_is_refused(url):
    with pytest.raises(BadInputError, match="cannot be the address of a webhook"):
        parse_target(url)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://deploy.example.com", Target(host="deploy.example.com", port=443, path="/")),
        ("https://Deploy.Example.com:8443/a/b?c=d", Target(host="deploy.example.com", port=8443, path="/a/b?c=d")),
        ("https://deploy.example.com?x=@y", Target(host="deploy.example.com", port=443, path="/?x=@y")),
        ("https://10.1.2.3/hook", Target(host="10.1.2.3", port=443, path="/hook")),
        ("https://[2001:db8::1]:8443/", Target(host="2001:db8::1", port=8443, path="/")),
        ("https://xn--bcher-kva.example/", Target(host="xn--bcher-kva.example", port=443, path="/")),
        ("https://deploy/", Target(host="deploy", port=443, path="/")),
    ],
)
def test_the_plain_spelling_is_understood(url, target):
    assert parse_target(url) == target


def test_the_host_header_names_the_port_where_it_is_not_the_usual_one():
    names = [parse_target(f"https://{a}/").authority for a in ("a.example", "a.example:8443", "[2001:db8::1]:1")]
    assert names == ["a.example", "a.example:8443", "[2001:db8::1]:1"]


def test_allowed_hosts_are_kept_once_in_one_spelling():
    found = parse_hosts(["Deploy.Example.com", "10.0.0.8", "[2001:db8::1]", "deploy.example.com"])
    assert found == ("deploy.example.com", "10.0.0.8", "2001:db8::1")


@pytest.mark.parametrize(
    "host", ["", "*", "*.example.com", "10.0.0.0/8", "0x7f1", "2130706433", "a.example.", "::ffff:", "a:80"]
)
def test_an_allowed_host_is_one_name_or_one_address(host):
    with pytest.raises(BadInputError, match="neither the name of a host nor an address"):
        parse_hosts([host])
