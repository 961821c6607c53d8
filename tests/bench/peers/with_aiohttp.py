"""persona-draft's job with aiohttp (Debian: python3-aiohttp); see drafting.py."""

import asyncio

import aiohttp

import drafting


async def main():
    url, request, total, in_flight, path = drafting.arguments()
    connector = aiohttp.TCPConnector(limit=in_flight)
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, headers=drafting.HEADERS) as session:

        async def ask():
            async with session.post(url, data=request) as response:
                response.raise_for_status()
                return await response.read()

        print(await drafting.draft(ask, total, in_flight, path))


asyncio.run(main())
