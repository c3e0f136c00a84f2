"""A DHCP client of raw frames, tagged or not: `... INTERFACE VLAN SECONDS [MAC]` prints the lease, or null.

VLAN 0 is untagged. Sources: RFC 2131, RFC 2132; IEEE 802.1Q; packet(7).
"""

import json
import secrets
import socket
import struct
import sys
import time

SOL_PACKET, PACKET_AUXDATA = 263, 8
BROADCAST = b"\xff" * 6
MAGIC = bytes.fromhex("63825363")
DISCOVER, OFFER, REQUEST, ACK = 1, 2, 3, 5
MESSAGE, REQUESTED, SERVER = 53, 50, 54


class Client:
    def __init__(self, interface, vlan, mac):
        self.vlan = vlan
        self.mac = bytes.fromhex(mac.replace(":", "")) if mac else b"\x02\xc1" + secrets.token_bytes(4)
        self.number = secrets.token_bytes(4)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.socket.bind((interface, 3))

    def send(self, **options):
        encoded = b"".join(bytes([code, len(data)]) + data for code, data in options["options"])
        dhcp = struct.pack("!BBBB4sHH16s16s192s", 1, 1, 6, 0, self.number, 0, 0x8000, b"", self.mac, b"")
        body = dhcp + MAGIC + encoded + b"\xff"
        udp = struct.pack("!HHHH", 68, 67, 8 + len(body), 0) + body
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes(4), b"\xff" * 4)
        total = sum(struct.unpack("!10H", head))
        checksum = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
        ip = head[:10] + struct.pack("!H", checksum) + head[12:] + udp
        tag = struct.pack("!HH", 0x8100, self.vlan) if self.vlan else b""
        self.socket.send(BROADCAST + self.mac + tag + b"\x08\x00" + ip)

    def wait(self, wanted, deadline):
        """Options of the answer and the address it offers; None if there is none in time."""
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                frame, extra, _, address = self.socket.recvmsg(2048, 64)
            except TimeoutError:
                return None
            status, *_, tci, _ = struct.unpack_from("IIIHHHH", extra[0][2])
            tag = tci & 0xFFF if status & 0x10 else 0
            if address[2] == socket.PACKET_OUTGOING or tag != self.vlan or frame[12:14] != b"\x08\x00":
                continue
            body = frame[14 + 28 :]
            if frame[23] == 17 and body[4:8] == self.number and body[236:240] == MAGIC:
                options = dict(parsed(body[240:]))
                if options[MESSAGE][0] == wanted:
                    return socket.inet_ntoa(body[16:20]), options
        return None


def parsed(data):
    while data and data[0] != 255:
        if data[0] == 0:
            data = data[1:]
            continue
        yield data[0], data[2 : 2 + data[1]]
        data = data[2 + data[1] :]


def lease(interface, vlan, seconds, mac=""):
    client, deadline = Client(interface, vlan, mac), time.monotonic() + seconds
    offer = None
    while offer is None and time.monotonic() < deadline:
        client.send(options=[(MESSAGE, bytes([DISCOVER]))])
        offer = client.wait(OFFER, min(deadline, time.monotonic() + 1))
    if offer is None:
        return None
    address, options = offer
    asked = [(REQUESTED, socket.inet_aton(address)), (SERVER, options[SERVER])]
    client.send(options=[(MESSAGE, bytes([REQUEST])), *asked])
    granted = client.wait(ACK, time.monotonic() + 5)
    return {"address": granted[0], "server": socket.inet_ntoa(options[SERVER])} if granted else None


if __name__ == "__main__":
    print(json.dumps(lease(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), *sys.argv[4:])))
