"""``scripts/bench``: that it measures what it says; how fast anything is, no test asks."""

from tests.tools import bench, bench_home

NAMES = {
    "ring_ms_p50",
    "ring_ms_p99",
    "wire_ratio",
    "setup_calls_20",
    "setup_calls_200",
    "setup_s_200",
    "rss_mb_per_100_devices",
    "burst_10k_s",
    "ring_behind_burst_ms",
    "ack_ms_p99",
    "webhook_reject_us",
    "events_per_s",
    "picture_ms_p50",
    "store_write_ms",
    "browse_2k_ms",
    "decrypt_mb_s",
    "decrypt_ratio",
    "published_report_ms_p50",
    "command_ms_p50",
}
SMALL = bench.Effort(
    rounds=1,
    rings=3,
    warm_up=0,
    burst=300,
    forged=5,
    passages=5,
    pictures=3,
    writes=3,
    shelf=5,
    browsed=1,
    decryptions=1,
    few=10,
    many=20,
    reports=2,
    commands=2,
)


async def test_all_figures_are_measured_and_shown(socket_enabled: None) -> None:
    figures = await bench.measured(SMALL)
    assert set(figures) == NAMES
    for calls in figures["setup_calls_20"], figures["setup_calls_200"]:
        # A restart asks for no product again: each of ten has a specification and a thing model,
        # the two of building terminals have function points.
        assert calls["cold"] - calls["warm"] == 22
    assert all(
        figure > 0
        for value in figures.values()
        for figure in (value.values() if isinstance(value, dict) else (value,))
    )
    shown = bench.as_text(figures).splitlines()
    assert [line.split()[0] for line in shown] == [*figures]


def test_a_home_of_many_devices_has_ten_products() -> None:
    home = bench_home.mixed_home(200)
    assert len({device.device_id for device in home}) == 200
    assert len({device.name for device in home}) == 200
    assert len({device.product_id for device in home}) == 10
    assert home[:20] == bench_home.mixed_home(20)
