/**
 * What Chromium 156 says of each as `naturalWidth` and `naturalHeight` (`test/e2e/vectors.test.ts` asks the one that is
 * there). A drawing with nothing but a view box has the sides of that: Chromium says 150 or 300 for want of a page.
 */
export const SVG_SIZES: readonly (readonly [attributes: string, width: number, height: number])[] = [
  ['width="200" height="100"', 200, 100],
  ['width=" 20 " height="10PX"', 20, 10],
  ['width="1e2" height="+10"', 100, 10],
  ['width="5cm" height="3cm"', 189, 113],
  ['width="50mm" height="2in"', 189, 192],
  ['width="72pt" height="6pc"', 96, 96],
  ['width="100Q" height="10"', 94, 10],
  ['width="10em" height="1rem"', 160, 16],
  ['width="10em" height="1em" style="fill:red;font-size:20px"', 200, 20],
  ['width="10em" height="1em" font-size="20"', 200, 20],
  ['width="24.5" height="17.2"', 25, 17],
  ['width="60" viewBox="0 0 30 10"', 60, 20],
  ['height="60" viewBox="0,0,30,10"', 180, 60],
  ['width="60" height="50%" viewBox="0 0 30 10"', 60, 20],
  ['width="foo" height="10" viewBox="0 0 30 10"', 30, 10],
  ['width="60" height="60" viewBox="0 0 30 10" preserveAspectRatio="none"', 60, 60],
  ['width="60"', 60, 150],
  ['height="60"', 300, 60],
  ['', 300, 150],
  ['width="100%" height="100%"', 300, 150],
  ['viewBox="0 0 0 10"', 300, 150],
  ['width="10" height="10" style="width:80px;height:40px"', 10, 10],
]
