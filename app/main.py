"""Entry of the dashboard: the shell around every page."""

from pathlib import Path

import streamlit as st

from app import chosen, header, navigation, notice, offered, persona, rollback, saved, shadow
from app.releases import queries
from core.errors import CoreError

STATIC = Path(__file__).parent / "static"
st.set_page_config(page_title="Watchroom", page_icon=STATIC / "mark.svg", layout="wide", initial_sidebar_state=200)
st.logo(STATIC / "logo.svg", icon_image=STATIC / "mark.svg", size="large")
home = chosen.home()
badges = {"releases": queries.waiting(home)}
page = st.navigation(navigation.pages(navigation.view(), badges), expanded=True)
navigation.choose_view()
try:
    choices = offered.choices(home)
    persona.choose(home)
except CoreError as error:
    notice.cannot_open(error, home)
    st.stop()
selection = header.choose(
    choices, lambda model: offered.segments(home, model), beside=lambda chosen_now: rollback.beside(home, chosen_now)
)
chosen.remember(selection)
saved.told_until_counted(home, selection)
shadow.say(home, selection, page.url_path)
page.run()
