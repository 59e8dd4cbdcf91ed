"""What clients of HeyGen choose from."""

from ipyavatar.twin.heygen.catalogue import VOICE_ID, catalogue_calls
from tests.support.twin_calls import TwinCalls, let_in


def test_each_face_has_a_voice_of_the_list():
    client = TwinCalls(catalogue_calls(let_in))
    voices = client.call("GET", "/v2/voices")[1]["data"]["voices"]
    assert [voice["voice_id"] for voice in voices] == [VOICE_ID]
    faces = client.call("GET", "/v1/streaming/avatar.list")[1]["data"]
    assert {face["default_voice"] for face in faces} == {VOICE_ID}
