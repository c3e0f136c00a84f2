"""Saying a thing once."""

from networking_zvm.ml2.once import News


def test_only_a_change_is_news():
    news = News()
    assert [news.is_news("port", text) for text in ("no agent", "no agent", "no mapping", "no agent")] == [
        True, False, True, True,
    ]  # fmt: skip


def test_subjects_do_not_mix():
    news = News()
    assert news.is_news("one", "same")
    assert news.is_news("other", "same")


def test_what_was_forgotten_is_news_again():
    news = News()
    news.is_news("port", "no agent")
    news.forget("port")
    news.forget("never heard of")
    assert news.is_news("port", "no agent")


def test_memory_is_bounded_and_drops_what_was_longest_unmentioned():
    news = News(limit=2)
    for subject in ("old", "young", "old", "new"):
        news.is_news(subject, "text")
    assert not news.is_news("old", "text")
    assert news.is_news("young", "text")
