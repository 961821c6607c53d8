"""persona-draft's job with httpx (Debian: python3-httpx); see drafting.py."""

import asyncio

import httpx

import drafting


async def main():
    url, request, total, in_flight, path = drafting.arguments()
    limits = httpx.Limits(max_connections=in_flight, max_keepalive_connections=in_flight)
    async with httpx.AsyncClient(limits=limits, timeout=120, headers=drafting.HEADERS, trust_env=False) as client:

        async def ask():
            response = await client.post(url, content=request)
            response.raise_for_status()
            return response.content

        print(await drafting.draft(ask, total, in_flight, path))


asyncio.run(main())
