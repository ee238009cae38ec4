"""The tiles of the parts hold what fits a phone: the interval, and nothing beside it that would be cut."""

from streamlit.testing.v1 import AppTest


def test_a_tile_of_a_part_has_its_interval_alone():
    def script():
        from app.attribution import draw
        from tests.app.attribution.test_findings import view
        from tests.core.attribution.test_display import change

        draw.split(view(change(1)))

    at = AppTest.from_function(script).run()
    assert not at.exception
    assert [one.label for one in at.metric][1:3] == ["change", "mix of segments"]
    assert all(one.delta and not one.proto.delta_description for one in at.metric)
