// Ask in other protocols: `node node_clients.mjs FOLDER NAME ADDRESS [QUESTION…]` tells what came, as JSON.
// FOLDER has the clients in its node_modules.

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [folder, name, address, ...only] = process.argv.slice(2);
const found = createRequire(`${folder}/x.js`);
const load = (what) => import(pathToFileURL(found.resolve(what)).href);
const KEY = 'sk-nobody-reads-this';
const plain = (given) => JSON.parse(JSON.stringify(given));
const said = (content) => [{ role: 'user', content }];

async function anthropic() {
    const { default: Anthropic } = await load('@anthropic-ai/sdk');
    const client = new Anthropic({ baseURL: address, apiKey: KEY, maxRetries: 0 });
    const asking = (text) => ({ model: 'm', max_tokens: 99, system: 'Be kind.', messages: said(text) });
    return {
        async streamed() {
            const kinds = [];
            const stream = client.messages.stream(asking('A story.'));
            stream.on('streamEvent', (event) => kinds.push(event.type));
            return { message: plain(await stream.finalMessage()), ends: kinds.at(-1) };
        },
        async text() {
            return client.messages.stream(asking('A story.')).finalText();
        },
        async whole() {
            return plain(await client.messages.create(asking('A story.')));
        },
        async error() {
            return client.messages.create(asking('Please fail.')).catch(
                (error) => [error.constructor.name, error.status, error.error]);
        },
    };
}

async function responses() {
    const { default: OpenAI } = await load('openai');
    const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: KEY, maxRetries: 0 });
    const asking = (input) => ({ model: 'm', instructions: 'Be kind.', input });
    return {
        async streamed() {
            let text = '';
            const numbers = [];
            const stream = client.responses.stream(asking('A story.'));
            for await (const event of stream) {
                numbers.push(event.sequence_number);
                if (event.type === 'response.output_text.delta') text += event.delta;
            }
            const gaps = numbers.filter((one, at) => one !== at);
            return { text, gaps, final: (await stream.finalResponse()).output_text };
        },
        async whole() {
            return (await client.responses.create(asking('A story.'))).output_text;
        },
        async error() {
            return client.responses.create(asking('Please fail.')).catch(
                (error) => [error.constructor.name, error.status, error.message]);
        },
    };
}

async function ollama() {
    const { Ollama } = await load('ollama');
    const client = new Ollama({ host: address });
    async function joined(stream, read) {
        let [text, last] = ['', null];
        for await (const line of stream) [text, last] = [text + read(line), line];
        return [text, plain(last)];
    }
    return {
        async chat() {
            const stream = await client.chat({ model: 'm', messages: said('A story.'), stream: true });
            return joined(stream, (line) => line.message.content);
        },
        async generate() {
            const stream = await client.generate({ model: 'm', prompt: 'A story.', stream: true });
            return joined(stream, (line) => line.response);
        },
        async whole() {
            return plain(await client.chat({ model: 'm', messages: said('A story.') }));
        },
        async models() {
            return plain(await client.list());
        },
        async error() {
            return client.chat({ model: 'm', messages: said('Please fail.') }).catch(
                (error) => [error.name, error.status_code, error.error ?? error.message]);
        },
    };
}

const clients = { 'anthropic, npm': anthropic, 'openai responses, npm': responses, 'ollama, npm': ollama };
const told = {};
const cases = await clients[name]();
for (const kind of only.length ? only : Object.keys(cases)) told[kind] = await cases[kind]();
console.log(JSON.stringify(told));
