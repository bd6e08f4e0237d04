// SPDX-License-Identifier: MIT
// peer_ccxt.mjs URL [times]: the same frames through ccxt pro. Prints `ready` after the first book, then on SIGTERM one
// JSON line with the number of book messages it handled; with `times` also when each was (CLOCK_MONOTONIC). SIGUSR1 sets
// the number to 0, SIGUSR2 prints it. ccxt is found through CCXT_FROM; it is no part of the product.
import { createRequire } from 'node:module'
const require = createRequire(process.env.CCXT_FROM ?? import.meta.url)
const ccxt = require('ccxt')

const url = process.argv[2]
const exchange = new ccxt.pro.upbit({ enableRateLimit: false })
exchange.urls.api.ws = url
exchange.setMarkets([{
  id: 'KRW-BTC', symbol: 'BTC/KRW', base: 'BTC', quote: 'KRW', baseId: 'BTC', quoteId: 'KRW', type: 'spot', spot: true,
  active: true, precision: { amount: 1e-8, price: 1 }, limits: {}, info: {},
}])
await exchange.loadHttpProxyAgent() // ccxt wants this before any ws:// address
let messages = 0
const handle = exchange.handleOrderBook.bind(exchange)
const times = process.argv[3] === 'times' ? [] : null
exchange.handleOrderBook = (client, message) => {
  messages += 1
  const result = handle(client, message)
  if (times) times.push([message.timestamp, Number(process.hrtime.bigint())])
  return result
}
process.on('SIGUSR1', () => { messages = 0; console.log('counting') })
process.on('SIGUSR2', () => console.log(messages))
process.on('SIGTERM', () => process.stdout.write(JSON.stringify({ messages, times }) + '\n', () => process.exit(0)))
await exchange.watchOrderBook('BTC/KRW')
console.log('ready')
for (;;) await exchange.watchOrderBook('BTC/KRW')
