"""The face of `spark web`. The app itself runs in a process of its own for each page."""
