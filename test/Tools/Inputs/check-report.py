"""check-report.py PAGE: the page parses, is closed, loads nothing, has no attribute or element that came out of a name; prints its headings, the titles of
its charts and how many points the longest line has."""
import html.parser
import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()
void = {"meta", "br", "path", "link", "img"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.scripts, self.headings, self.titles, self.labels = [], 0, [], [], []

    def handle_starttag(self, tag, attributes):
        known = {"class", "style", "d", "viewbox", "role", "scope", "tabindex", "lang", "charset", "name", "content", "http-equiv", "open", "fill-opacity",
                 "preserveaspectratio", "shape-rendering", "aria-hidden", "aria-label", "data-x", "data-y", "data-name", "data-label"}
        unknown = [name for name, _ in attributes if name not in known]
        assert not unknown, (tag, unknown)
        self.scripts += tag == "script"
        if dict(attributes).get("role") == "img":
            self.labels.append(dict(attributes)["aria-label"])
        if tag not in void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in void:
            assert self.open.pop() == tag, (tag, self.open, self.getpos())

    def handle_data(self, data):
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data)
        if self.open[-2:] == ["figcaption", "b"]:
            self.titles.append(data)


page = Page()
page.feed(text)
assert not page.open, page.open
assert page.scripts == 1, "a script that is not ours"
assert "default-src 'none'" in text and not re.search(r"(https?:)?//[a-z]|\b(src|href)=|@import|url\(", text.split("<script>")[0]), "it loads something"
assert len(page.labels) == len(page.titles) and all(page.labels), "a chart without a description"
longest = max((path.count("L") + 1 for path in re.findall(r' d="(M[^"]*)"', text)), default=0)
print("headings:", "; ".join(page.headings))
print("charts:", "; ".join(page.titles))
print("longest line:", longest)
print("bytes:", len(text))
