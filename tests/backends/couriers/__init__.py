"""Tests of what runs in couriers."""
