// Ask a model by an SDK: `node node_sdks.mjs FOLDER NAME URL` tells what came, as JSON.
// FOLDER has the SDKs in its node_modules.

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [folder, name, url] = process.argv.slice(2);
const found = createRequire(`${folder}/x.js`);
const load = (what) => import(pathToFileURL(found.resolve(what)).href);
const parameters = { type: 'object', properties: {} };
const tools = [{ type: 'function', function: { name: 'look', description: 'Looks.', parameters } }];

async function openai() {
    const { default: OpenAI } = await load('openai');
    const client = new OpenAI({ baseURL: url, apiKey: 'x', maxRetries: 0 });
    return async (words, stream) => {
        const said = { model: 'm', messages: [{ role: 'user', content: words }], tools };
        if (!stream) {
            const made = await client.chat.completions.create(said);
            const [{ message, finish_reason: finish }] = made.choices;
            const calls = (message.tool_calls ?? []).map((call) => call.function.name);
            return { text: message.content, calls, finish, usage: made.usage.total_tokens };
        }
        const told = { text: '', calls: [], finish: null, usage: null };
        const more = { stream: true, stream_options: { include_usage: true } };
        for await (const chunk of await client.chat.completions.create({ ...said, ...more })) {
            told.usage = chunk.usage?.total_tokens ?? told.usage;
            for (const { delta, finish_reason: finish } of chunk.choices) {
                told.text += delta.content ?? '';
                told.calls.push(...(delta.tool_calls ?? []).map((call) => call.function.name));
                told.finish = finish ?? told.finish;
            }
        }
        return told;
    };
}

async function vercel() {
    const { generateText, streamText, tool, jsonSchema } = await load('ai');
    const { createOpenAICompatible } = await load('@ai-sdk/openai-compatible');
    const made = createOpenAICompatible({ name: 'x', baseURL: url, apiKey: 'x', includeUsage: true });
    const look = tool({ description: 'Looks.', inputSchema: jsonSchema(parameters) });
    return async (prompt, stream) => {
        const asked = { model: made('m'), prompt, tools: { look }, maxRetries: 0 };
        let failed = null;
        const given = stream
            ? streamText({ ...asked, onError: ({ error }) => { failed = error; } })
            : await generateText(asked);
        if (stream) await given.consumeStream();
        if (failed) throw failed;
        const calls = (await given.toolCalls).map((call) => call.toolName);
        const usage = (await given.usage).totalTokens;
        return { text: await given.text, calls, finish: await given.finishReason, usage };
    };
}

const ask = await { 'openai-node': openai, 'vercel-ai': vercel }[name]();
const told = {};
for (const [kind, words] of Object.entries({ story: 'A story.', call: 'Please look.', error: 'fail' })) {
    for (const [how, stream] of [[kind, true], [`${kind}, plain`, false]]) {
        try {
            told[how] = await ask(words, stream);
        } catch (error) {
            if (kind !== 'error') throw error;
            const status = error.status ?? error.statusCode ?? null;
            told[how] = { error: error.name, status, says: String(error).includes('slow down') };
        }
    }
}
console.log(JSON.stringify(told));
