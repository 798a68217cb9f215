"""Residents: people placed where they live, by group and district, conserved to the last person."""

from circle.population.placing import place_residents

__all__ = ["place_residents"]
