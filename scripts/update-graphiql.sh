#!/usr/bin/env bash
# Fetches the published builds of GraphiQL and React that the binary serves, and writes them, compressed, with their
# licences and digests:
#
#   scripts/update-graphiql.sh
#
# To move to another version, change it here and in graphql/assets/graphiql/README.md, then open the page in a browser.
# Needs npm and the network; building and serving need neither.
set -euo pipefail

GRAPHIQL=3.9.0
REACT=18.3.1

root=$(cd "$(dirname "$0")/.." && pwd)
assets=$root/graphql/assets/graphiql
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Writes a file of a published package: compressed if it is served, as it is if it is a licence.
take() {
    local package=$1 version=$2 file=$3 name=$4
    if [ ! -d "$folder/$package" ]; then
        (cd "$folder" && npm pack --silent "$package@$version" >/dev/null)
        mkdir "$folder/$package"
        tar xzf "$folder/$package-$version.tgz" -C "$folder/$package"
    fi
    case $name in
        *.gz) gzip -9 -n -c "$folder/$package/package/$file" >"$assets/$name" ;;
        *) cp "$folder/$package/package/$file" "$assets/$name" ;;
    esac
}

take react "$REACT" umd/react.production.min.js react.js.gz
take react "$REACT" LICENSE LICENSE-react
take react-dom "$REACT" umd/react-dom.production.min.js react-dom.js.gz
take graphiql "$GRAPHIQL" graphiql.min.js graphiql.js.gz
take graphiql "$GRAPHIQL" graphiql.min.css graphiql.css.gz
take graphiql "$GRAPHIQL" LICENSE LICENSE-graphiql

cd "$assets"
sha256sum ./*.gz | sed 's| \./| |' >SHA256SUMS
cat SHA256SUMS
