"""What the extensions of other programs' pages need besides everything else."""
