from pathlib import Path

from evaluate import evaluate

import suite


def test_evaluate_calls_the_api_as_documented(tmp_path, monkeypatch, capsys):
    found = []

    def stand_in(real, synthetic, **options):
        found.append((real, synthetic, options))
        return results

    file = suite.load(Path(__file__).parents[2] / "reports" / "smoke")
    results = suite.Results(file.file, tmp_path / "index.html")
    monkeypatch.setattr("suite.api.evaluate", stand_in)
    assert evaluate(tmp_path, {"a": tmp_path}, earlier=file.page.parent) is results
    assert found == [(tmp_path, {"a": tmp_path}, {"profile": "smoke", "note": "evaluated by a script"})]
    printed = capsys.readouterr().out
    assert printed.startswith(results.answer)
    assert "Changes beyond noise" in printed
    assert printed.endswith(f"{tmp_path / 'index.html'}\n")
