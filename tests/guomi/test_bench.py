from django.core import checks

from guomi.bench import sm2_cases


def test_sm2_is_at_least_twelve_times_gmssl():
    (result,) = sm2_cases()
    assert result["baseline"] == "gmssl"
    assert result["ratio"] >= 12, result


def test_the_system_check_finds_the_ciphers_in_order():
    assert [problem for problem in checks.run_checks() if (problem.id or "").startswith("guomi")] == []
