#!/usr/bin/env bash
# Inspects a recording through Huawei's API: token, qualityInspect, details until it is done, credit,
# complain. See README.md beside this.
#
#   APP_KEY=... APP_SECRET=... inspect.sh [RECORDING [LANGUAGE]]
set -euo pipefail

url=${FAIRHEARING_URL:-http://127.0.0.1:8080}
recording=${1:-'Y:\en_telecom_complaint.wav'}
language=${2:-en_US}
: "${APP_KEY:?expected the app key that the first start of the server printed}"
: "${APP_SECRET:?expected the secret of that key}"
for program in curl jq; do
  command -v "$program" >/dev/null || { echo "expected \`$program\` to be installed" >&2; exit 1; }
done

ccisqm=/apiaccess/CCISQM/rest/ccisqm/v1
ccsqm=/apiaccess/CCSQM/rest/ccisqm/v1

# post PATH BODY [HEADER...]: the answer; what the server says, where it refuses.
post() {
  local path=$1 body=$2 header headers=()
  shift 2
  for header; do headers+=(--header "$header"); done
  curl --silent --show-error --fail-with-body --header 'Content-Type: application/json; charset=UTF-8' \
    "${headers[@]}" --data "$body" "$url$path"
}

echo "==> tokenByAkSk"
credentials=$(jq --null-input --arg key "$APP_KEY" --arg secret "$APP_SECRET" \
  '{app_key: $key, app_secret: $secret}')
token=$(post /apigovernance/api/oauth/tokenByAkSk "$credentials" 'X-Token-Expire: 600' |
  jq --raw-output .AccessToken)
authorization="Authorization: Bearer $token"

echo "==> qualityInspect: $recording"
call=$(jq --null-input --arg path "$recording" --arg language "$language" '{
  language: $language, voiceFilePath: $path, agentId: 1118,
  beginTime: "2026-05-04 10:05:00", endTime: "2026-05-04 10:06:00"}')
call_uuid=$(post "$ccisqm/openapi/qualityInspect" "$call" "$authorization" |
  jq --raw-output .call_uuid)
echo "    call_uuid $call_uuid"

echo "==> details, until it is done"
now=$(date +%s)
list=$(jq --null-input --argjson now "$now" '{
  limit: 1000, page: 1, call_types: [0], upload_from: ($now - 3600), upload_to: ($now + 3600),
  status: [0, 1, 2, 3, 9, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40]}')
status=none
for ((round = 0; round < 300; round++)); do
  row=$(post "$ccsqm/appraisecall/details" "$list" "$authorization" |
    jq --arg call "$call_uuid" '[.data[].calls[] | select(.call_uuid == $call)][0]')
  before=$status
  status=$(jq .status <<<"$row")
  [ "$status" = "$before" ] || echo "    status $status"
  case $status in
    0 | 1 | 3) sleep 0.2 ;;
    *) break ;;
  esac
done
jq . <<<"$row"
[ "$status" = 2 ] || { echo "expected status 2, found $status" >&2; exit 1; }

echo "==> credit"
credit=$(post "$ccisqm/appraisecall/credit" "{\"call_uuid\": \"$call_uuid\"}" "$authorization")
jq --raw-output '.[0].credit[] |
  "    \(.setting.group_name): \(.score)",
  ([.rules, .silence_rule, .speed_rule, .interposal_rule] | map(. // []) | add | .[]
    | select(.valid | not)
    | "      \(.score)  \(.setting.rule_name // .name)" +
      ([.invalid_segment[] | "  [\(.start_time)-\(.end_time) s]"] | add // ""))' <<<"$credit"

echo "==> complain about the first violation"
complaint=$(jq --arg call "$call_uuid" '
  [.[0].credit[] | .setting.group_id as $group
    | [.rules, .silence_rule, .speed_rule, .interposal_rule] | map(. // []) | add | .[]
    | select(.valid | not) | {ruleGroupId: $group, reviseIdList: [.revise_id]}][:1]
  | if . == [] then empty else {
      callGroupId: 1, callId: $call, isGroup: false, leaderRole: "tableDirector",
      leaderUUID: "1611917095665261978", taskDescription: "please listen again",
      chooseRuleGroupList: ., callType: "0"} end' <<<"$credit")
if [ -z "$complaint" ]; then
  echo "    there is none"
else
  post "$ccsqm/appraisecall/complain" "$complaint" "$authorization" | jq --compact-output .
fi
