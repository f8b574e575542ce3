"""What can be asked for, checked, and the admission rule itself. Everything here is pure."""
