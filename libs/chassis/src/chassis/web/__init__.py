"""What the web services share. crypto-worker and monitor-agent never import it: only here uvicorn and Starlette appear.

Who imports it names fastapi and uvicorn among its own dependencies.
"""
