"""The report of an archive as one page of HTML that needs nothing else; `page` puts it together."""
