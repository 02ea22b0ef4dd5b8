"""What joins the live side of a plant with scenarios: the virtual plant, and the twin that follows a plant."""
