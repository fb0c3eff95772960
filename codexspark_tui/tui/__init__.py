"""tui/: the full-screen face.

`model/` is plain data and knows no terminal; `widgets/` paint it; `screens/` own their panels;
`bridge` turns session events into messages for the widget that owns them; `registry` is the one
list of what a person can do. Only this room may import textual. Nothing may be imported from here
before the app is wanted: `launch` sets what textual reads at its import.
"""
