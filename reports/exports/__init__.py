"""Flows as text for other tools: Mermaid, DOT, GraphML, SCXML, PNG."""
