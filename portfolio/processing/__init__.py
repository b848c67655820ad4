"""Looking into files that strangers sent. Everything that parses their bytes runs in a child process with limits.

`run` starts the child and believes nothing that comes back without checking it; the other modules run inside the
child and know neither Django nor the database."""
