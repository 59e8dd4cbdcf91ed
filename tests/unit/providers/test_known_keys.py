"""Keys of all providers in an environment."""

from ipyavatar.providers.known_keys import credentials_from_environment, strip_keys


def test_keys_at_hand_and_a_child_without_them():
    env = {"HEYGEN_API_KEY": "k", "KALTURA_KS": "ks", "KALTURA_ADMIN_SECRET": "s", "PATH": "/"}
    others = {"IPYAVATAR_CHAT_KEY": "c", "IPYAVATAR_SPEECH_KEY": "v", "OPENAI_API_KEY": "o"}
    found = [key.provider for key in credentials_from_environment(env | others)]
    assert found == ["heygen", "kaltura"]
    assert strip_keys(env | others) == {"PATH": "/"}
