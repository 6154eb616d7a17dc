"""Financial news: articles, entities, tags, graph and search."""
