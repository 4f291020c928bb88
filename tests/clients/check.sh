#!/bin/sh
# What frontends do with the OpenAPI document: lint it, generate typed clients from it, and check their types; and what
# subscribers do with the AsyncAPI document: read it with AsyncAPI's own parser, which knows more than its JSON Schema.
# Everything is put into .clients, which the next run makes anew.
set -eu
cd "$(dirname "$0")/../.."
document=$PWD/openapi/concord.json
rm -rf .clients && mkdir .clients && cd .clients

echo '{"private": true}' > package.json
npm install --silent --no-audit --no-fund \
    @stoplight/spectral-cli@6.16.3 openapi-typescript@7.13.0 typescript@5.9.3 @types/node@22.19.1 \
    @asyncapi/parser@3.6.6
echo 'extends: ["spectral:oas"]' > .spectral.yaml
npx --no-install spectral lint "$document" --ruleset .spectral.yaml --fail-severity warn

cp ../tests/clients/asyncapi.mjs .
(cd .. && .venv/bin/python -m tests.clients.asyncapi) > asyncapi.json
node asyncapi.mjs asyncapi.json

npx --no-install openapi-typescript "$document" --output concord.ts
cp ../tests/clients/use.ts .
npx --no-install tsc --noEmit --strict concord.ts use.ts
echo "TypeScript: the types check."

../.venv/bin/python -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
    openapi-python-client==0.29.1 mypy==2.4.1 types-python-dateutil
PATH=$PWD/venv/bin:$PATH venv/bin/openapi-python-client generate \
    --path "$document" --output-path concord_client --meta none > generated.txt 2>&1
cp ../tests/clients/use.py .
# client.py is the generator's own text, whatever the document: its `__exit__(*args)` does not match httpx's signature.
printf '[mypy]\nstrict = True\n[mypy-concord_client.client]\nignore_errors = True\n' > mypy.ini
venv/bin/python -m mypy concord_client use.py
echo "Python: the types check. What the generator left out, by media type:"
grep -i "unsupported content" generated.txt | sort | uniq -c || true
