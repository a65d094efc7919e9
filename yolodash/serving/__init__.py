"""What a server for several people needs: who may what, what happens on it, how it is reached. No Streamlit here."""
