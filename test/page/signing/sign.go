package imgsizes

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// URL gives the signed URL of one result.
func URL(baseURL, secret, source, transform, format string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(source + "/" + transform))
	signature := base64.RawURLEncoding.EncodeToString(mac.Sum(nil))[:16]
	var path strings.Builder
	for _, c := range []byte(source + "/" + transform + "." + signature + "." + format) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~/", c) >= 0 {
			path.WriteByte(c)
		} else {
			fmt.Fprintf(&path, "%%%02X", c)
		}
	}
	return baseURL + path.String()
}
