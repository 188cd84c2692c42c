"""The submissions that are timed: every grader gives them the same scores."""

from proof.grading import SHORT, ours, plain, scores, source_of, the_class, two_courses


def test_nbgrader_alone_and_ours_give_the_same_scores(tmp_path):
    ten = the_class(SHORT, source_of(SHORT, demos=False))
    course, theirs = two_courses(tmp_path, SHORT, False, [ten[0], ten[3], ten[1]])
    ours(course, SHORT, jobs=2)
    plain(theirs, SHORT)
    points = scores(course)
    assert points == scores(theirs)
    totals = [sum(p for (who, _), p in points.items() if who.endswith(end)) for end in "012"]
    assert totals[0] == 20
    assert totals[1] == 0
    assert 0 < totals[2] < 20
