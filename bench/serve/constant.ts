import fastify from 'fastify'

// The framework with an answer that it need not look for: `constant <port> <body>`.
const [port, body = ''] = process.argv.slice(2)
const app = fastify()
app.get('/*', (_, reply) => {
  void reply.header('content-type', 'application/json; charset=utf-8').send(body)
})
await app.listen({ host: '127.0.0.1', port: Number(port) })
console.error('ready')
